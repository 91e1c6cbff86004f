/** Text from other parties so that it can neither steer a terminal nor turn a line around, and fits its place. */

/** Control characters, marks that change the direction of text or cannot be seen, halves of characters. */
const HARMFUL =
  // eslint-disable-next-line no-control-regex -- these are what it is for
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** @param most characters; what is longer ends in an ellipsis */
export function printable(text: string, most = 160): string {
  const plain = text.replace(/\t/g, ' ').replace(HARMFUL, '\ufffd');
  const characters = [...plain];
  return characters.length <= most ? plain : `${characters.slice(0, Math.max(0, most - 1)).join('')}…`;
}

/** An account: its ends, after 0x. */
export function account(address: string, ends = 8): string {
  return `0x${short(address, ends)}`;
}

/** The ends of a hash. */
export function short(hex: string, ends = 6): string {
  const plain = printable(hex, 100).replace(/^0x/, '');
  return plain.length <= 2 * ends + 1 ? plain : `${plain.slice(0, ends)}…${plain.slice(-ends)}`;
}
