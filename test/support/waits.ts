/**
 * How long a test waits for what will happen: generous, since other suites share the processor; a wait ends as soon as
 * it is met. The default of `expect.poll` (vitest.config.ts), of testing-library (render-app.tsx) and of Playwright
 * (test/e2e/support/app.ts); only what trains for minutes names more.
 */
export const patience = 60_000;
