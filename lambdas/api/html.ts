import type { ApiResponse } from '../http/exchange.ts';

const STYLE = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
code, pre { font: 0.875rem/1.45 ui-monospace, monospace; }
pre { overflow-x: auto; border: 1px solid #8a94a3; border-radius: 6px; padding: 0.75rem; }
table { border-collapse: collapse; }
th, td { text-align: left; vertical-align: top; padding: 0.25rem 1rem 0.25rem 0; }
summary { cursor: pointer; }
`;

/** A page needs nothing but itself, so it may load nothing else. */
const SECURITY =
  "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** HTML that is written as it is; texts within it are escaped. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

type Content = Html | string | number | readonly Content[];

/** A template of HTML whose values are escaped unless they are HTML themselves. */
export function html(parts: TemplateStringsArray, ...values: Content[]): Html {
  return new Html(
    parts.map((part, i) => part + (i < values.length ? written(values[i] ?? '') : '')).join(''),
  );
}

/** A page that everybody may keep for a while. */
export function page(title: string, body: Html): ApiResponse {
  const whole = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${new Html(STYLE)}</style>
</head>
<body>
${body}
</body>
</html>
`;
  return {
    status: 200,
    headers: {
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Security-Policy': SECURITY,
      'Cache-Control': 'public, max-age=300',
    },
    body: whole.text,
  };
}

function written(content: Content): string {
  if (content instanceof Html) return content.text;
  if (typeof content === 'object') return content.map(written).join('');
  return String(content)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
