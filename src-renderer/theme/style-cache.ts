import createCache, { type EmotionCache } from '@emotion/cache';

/**
 * Emotion's own sheet makes <style> elements, which `style-src 'self'` refuses. Constructed style sheets are not inline
 * styles, so the page keeps a CSP without 'unsafe-inline'. Emotion asks a sheet for `tags` only to see whether it holds
 * rules.
 */
class ConstructedSheet {
  readonly tags: { readonly nextElementSibling: null }[] = [];
  readonly isSpeedy = true;
  readonly container = document.head;
  readonly nonce = undefined;
  readonly key: string;
  before: unknown = null;
  private readonly sheet = new CSSStyleSheet();

  constructor(options: { readonly key: string }) {
    this.key = options.key;
    // Global rules come before component rules, as emotion puts them.
    const others = [...document.adoptedStyleSheets];
    document.adoptedStyleSheets = this.key.endsWith('-global') ? [this.sheet, ...others] : [...others, this.sheet];
  }

  hydrate(): void {}

  insert(rule: string): void {
    try {
      this.sheet.insertRule(rule, this.sheet.cssRules.length);
    } catch {
      // A selector for another browser (`::-moz-…`): emotion skips those as well.
    }
    if (this.tags.length === 0) this.tags.push({ nextElementSibling: null });
  }

  flush(): void {
    this.sheet.replaceSync('');
    this.tags.length = 0;
  }
}

export function createStyleCache(): EmotionCache {
  const cache = createCache({ key: 'css' });
  cache.sheet = new ConstructedSheet({ key: 'css' }) as unknown as EmotionCache['sheet'];
  return cache;
}
