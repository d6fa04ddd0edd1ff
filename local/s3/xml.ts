/** An element with what it holds; text is escaped, elements are not. */
export function element(name: string, content: string | number | readonly Xml[]): Xml {
  const inner =
    typeof content === 'object' ? content.map((xml) => xml.text).join('') : escapeXml(String(content));
  return { text: `<${name}>${inner}</${name}>` };
}

export interface Xml {
  readonly text: string;
}

/** A document in S3's namespace. */
export function xmlDocument(name: string, content: readonly Xml[]): string {
  const inner = content.map((xml) => xml.text).join('');
  return `<?xml version="1.0" encoding="UTF-8"?>\n<${name} xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${inner}</${name}>`;
}

/** Text of every element of a name; enough for the two small documents that clients send. */
export function elementsOf(xml: string, name: string): string[] {
  return [...xml.matchAll(new RegExp(`<${name}>([^]*?)</${name}>`, 'g'))].map((match) => match[1] ?? '');
}

const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

export function unescapeXml(text: string): string {
  return text.replace(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, (entity, hex, decimal, name) => {
    if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16));
    if (decimal !== undefined) return String.fromCodePoint(Number(decimal));
    return ENTITIES[name] ?? entity;
  });
}

export function escapeXml(text: string): string {
  return text.replace(/[<>&"\r]/g, (character) => `&#${character.charCodeAt(0)};`);
}
