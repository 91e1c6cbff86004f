/** A decoded picture and how its colours become the channels of an example. */

/** Rows from the top, four bytes a pixel: red, green, blue, opacity. */
export interface Raster {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

export type Channels = 1 | 3;

/** What stands behind transparent parts and beside pictures that do not fill their frame: 0 black, 255 white. */
export type Background = 0 | 255;

/**
 * The picture as planes, [channels, height, width]. Transparent pixels are laid over the background; grey is
 * (19595 R + 38470 G + 7471 B + 2^15) >> 16, ITU-R 601 luma in integers.
 */
export function planesOf(
  { width, height, data }: Raster,
  channels: Channels,
  background: Background,
): Uint8Array {
  const size = width * height;
  const planes = new Uint8Array(channels * size);
  for (let i = 0, at = 0; i < size; i++, at += 4) {
    const opacity = data[at + 3]!;
    let [r, g, b] = [data[at]!, data[at + 1]!, data[at + 2]!];
    if (opacity < 255) {
      const rest = (255 - opacity) * background + 127;
      r = Math.floor((r * opacity + rest) / 255);
      g = Math.floor((g * opacity + rest) / 255);
      b = Math.floor((b * opacity + rest) / 255);
    }
    if (channels === 1) planes[i] = (19595 * r + 38470 * g + 7471 * b + 32768) >> 16;
    else {
      planes[i] = r;
      planes[size + i] = g;
      planes[2 * size + i] = b;
    }
  }
  return planes;
}
