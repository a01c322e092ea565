declare const SAMPO_RELEASE: boolean | undefined;

/**
 * True in packaged apps alone: scripts/dist.mjs says so when it bundles. A release heeds no variable that leads it to
 * other code or answers its dialogs.
 */
export const isRelease: boolean = typeof SAMPO_RELEASE === 'boolean' && SAMPO_RELEASE;

/**
 * A sentence with a command in it, which runs in a checkout alone: a package has no command line, and says what its
 * window offers.
 */
export const inCheckout = (sentence: string, inPackage: string): string => (isRelease ? inPackage : sentence);
