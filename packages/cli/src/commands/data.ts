/** gensyn data: looks at data files, and turns folders of images into one. */
import { Args, Flags } from '@oclif/core';
import { GensynError } from '@gensyn/ir';
import { basename, resolve } from 'node:path';
import { GensynCommand } from '../command.js';
import { stat } from '../find-job.js';

const ACTIONS = ['images', 'show'] as const;
/** Flags of `images`. */
const IMAGE_FLAGS = ['out', 'size', 'grey', 'rgb', 'fit', 'background'] as const;
const LONGEST_SIDE = 65535;

export class Data extends GensynCommand {
  static override summary = 'Look at a data file, or make one of a folder of images.';
  static override description =
    'What a job reads are files: CSV, IDX, npy, npz and text, gzipped or not.\n' +
    '  show    says what a file holds, shows its first rows and writes a data block to begin a job with\n' +
    '  images  makes an .npz file of PNG and JPEG pictures that lie in one folder for each class; the names of the folders are the classes, in their order';
  static override examples = [
    {
      description: 'What is in it, and how a job reads it:',
      command: '<%= config.bin %> data show digits.csv.gz',
    },
    {
      description: 'photos/cat/1.jpg, photos/dog/1.jpg, ..., made 32 pixels wide and high:',
      command: '<%= config.bin %> data images photos -o photos.npz --size 32x32',
    },
    {
      description: 'Grey, the whole picture with black beside it:',
      command: '<%= config.bin %> data images scans -o scans.npz --size 28x28 --grey --fit pad',
    },
  ];
  static override args = {
    action: Args.string({ options: [...ACTIONS], required: true, description: 'What to do.' }),
    path: Args.string({ required: true, description: 'show: a data file; images: a folder.' }),
  };
  static override flags = {
    out: Flags.string({
      char: 'o',
      helpValue: 'file',
      description:
        'images: what to write; <folder>.npz by default. A name that ends in .npy makes one file for the images and one for the labels.',
    }),
    size: Flags.string({
      helpValue: '28x28',
      description: 'images: width and height of all, by averaging areas; needed if theirs differ.',
    }),
    grey: Flags.boolean({
      exclusive: ['rgb'],
      description: 'images: one channel; the default where every file is grey.',
    }),
    rgb: Flags.boolean({ description: 'images: three channels; the default elsewhere.' }),
    fit: Flags.string({
      options: ['crop', 'pad', 'stretch'],
      description:
        'images: of another shape than --size lose their sides (crop, the default), get borders, or are distorted.',
    }),
    background: Flags.string({
      options: ['black', 'white'],
      description: 'images: behind transparent parts and for borders; black by default.',
    }),
    rows: Flags.integer({ min: 0, max: 1000, description: 'show: how many rows to show; 5 by default.' }),
  };

  override async run(): Promise<unknown> {
    const { args, flags } = await this.parse(Data);
    const show = args.action === 'show';
    const strange = (show ? IMAGE_FLAGS : (['rows'] as const)).find((name) => flags[name] !== undefined);
    if (strange !== undefined)
      throw new GensynError('U0106', `--${strange} is for gensyn data ${show ? 'images' : 'show'} only`);
    if (!stat(args.path))
      throw new GensynError('U0203', `there is no ${args.path}`, {
        help: show ? 'name a data file' : 'name a folder with a folder of pictures for each class',
      });
    return show ? this.show(args.path, flags.rows ?? 5) : this.images(args.path, flags);
  }

  private async show(file: string, rows: number): Promise<unknown> {
    const { describeFile } = await import('@gensyn/dsl');
    const description = await describeFile(file, { rows });
    if (this.jsonEnabled()) return description;
    const { describedLines } = await import('../data/described-lines.js');
    this.log(describedLines(description).join('\n'));
    return undefined;
  }

  private async images(folder: string, flags: ImageFlags): Promise<unknown> {
    const { convertImages } = await import('@gensyn/dsl');
    const { imageLines } = await import('../data/image-lines.js');
    const { showProgress } = await import('../progress.js');
    const out = flags.out ?? `${basename(resolve(folder))}.npz`;
    const size = sizeOf(flags.size);
    const progress = await showProgress('image', !this.jsonEnabled());
    const converted = await convertImages(folder, {
      out,
      size,
      channels: flags.grey ? 1 : flags.rgb ? 3 : undefined,
      fit: (flags.fit ?? 'crop') as 'crop',
      background: flags.background === 'white' ? 255 : 0,
      onProgress: (done, total) => progress.update(done, total, []),
    }).finally(() => progress.stop());
    if (this.jsonEnabled()) return converted;
    this.log(imageLines(converted).join('\n'));
    return undefined;
  }
}

interface ImageFlags {
  readonly out: string | undefined;
  readonly size: string | undefined;
  readonly grey: boolean;
  readonly rgb: boolean;
  readonly fit: string | undefined;
  readonly background: string | undefined;
}

/** `28x28`, width first, or `28`. Errors: U0105. */
function sizeOf(text: string | undefined): { width: number; height: number } | undefined {
  if (text === undefined) return undefined;
  const match = /^(\d{1,5})(?:x(\d{1,5}))?$/i.exec(text.trim());
  const [width, height] = [Number(match?.[1]), Number(match?.[2] ?? match?.[1])];
  if (!(width >= 1 && height >= 1 && width <= LONGEST_SIDE && height <= LONGEST_SIDE))
    throw new GensynError('U0105', `--size ${text} is not a width and a height in pixels`, {
      help: 'for instance --size 28x28',
    });
  return { width, height };
}
