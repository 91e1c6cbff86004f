/** What the D codes mean, for `gensyn explain`. */
import type { Explanation } from '@gensyn/ir';

export const dataExplanations: readonly Explanation[] = [
  {
    code: 'D0101',
    title: 'A data file was not found',
    text: 'Paths in a job are relative to the folder of the job file. After that the folders under /usr/share/datasets are looked at, where Debian packages put data sets. The notes list every place tried.',
  },
  {
    code: 'D0102',
    title: 'A data file cannot be read',
    text: 'The path is a folder, a device or a pipe, or the operating system refused to read it. Data is read more than once, so only ordinary files will do.',
  },
  {
    code: 'D0103',
    title: 'A data file holds no rows',
    text: 'The file is empty, has a header only, or claims zero rows. Training needs at least one.',
  },
  {
    code: 'D0104',
    title: 'Compressed data is cut or damaged',
    text: 'gzip and deflate carry their own end and checksum, and these do not fit. Fetch or write the file again. A name that ends in .gz must hold gzip; gzip is recognised by its first bytes whatever the name.',
  },
  {
    code: 'D0105',
    title: 'Compressed data expands too far',
    text: 'A compressed file may expand to 256 MiB or 256 times its size, whichever is more; beyond that it is taken for an archive bomb. If the data is real, decompress the file and name the result.',
  },
  {
    code: 'D0106',
    title: 'A column asks for something its file format does not have',
    text: 'CSV files have columns by position or by header; IDX and npy files hold one array, read whole or by elements of a row; npz files hold arrays by name; text is read by chars or bytes of line or of text. Columns of one text share level and unit.',
  },
  {
    code: 'D0107',
    title: 'Data is read from local files only',
    text: 'A data set named by URL must be fetched first. What counts for others is its Merkle root, which the manifest holds.',
  },
  {
    code: 'D0110',
    title: 'The header of a CSV file is missing',
    text: 'A column is named, or header = true is written, so the first line must hold names. A number there means that the file has no header: name columns by position instead, counting from 0.',
  },
  {
    code: 'D0111',
    title: 'The CSV header has no such name, or has it twice',
    text: 'Names are compared exactly, after removing spaces around them. With a name that occurs twice, use positions.',
  },
  {
    code: 'D0112',
    title: 'A CSV record has another number of fields than the first',
    text: 'A field is missing or extra, a separator stands in an unquoted field, or the separator is not the one declared. Blank lines are skipped.',
  },
  {
    code: 'D0113',
    title: 'A CSV field is not a number',
    text: 'Numbers are written 12, -0.5, .5 or 1e-3, without thousands separators and with a point. Missing values must be filled in or left out before training. Classes written as words need their labels in the job: class["setosa", "versicolor"].',
  },
  {
    code: 'D0114',
    title: 'Quotes in a CSV file do not match, or a record is too long',
    text: 'A quoted field begins and ends with a double quote and holds quotes doubled. A record has at most 16 MiB; a longer one usually means that a quote is never closed.',
  },
  {
    code: 'D0115',
    title: 'No such column or element',
    text: 'Columns of CSV files and elements of array rows count from 0; in a..b both ends are included.',
  },
  {
    code: 'D0116',
    title: 'The separator is not usable',
    text: 'A CSV separator is one ASCII character other than quote, line feed and carriage return.',
  },
  {
    code: 'D0120',
    title: 'The file is not of the format that its name says',
    text: 'IDX files begin with two zero bytes, npy arrays with 93 4e 55 4d 50 59. The message shows what was found. An HTML page saved by mistake begins with 3c.',
  },
  {
    code: 'D0121',
    title: 'An element type or layout that is not read',
    text: 'Read are unsigned and signed integers, bool, float16, float32 and float64 in either byte order, in C order. Not read are records, strings, complex numbers, dates, Python objects and Fortran order.',
  },
  {
    code: 'D0122',
    title: 'The size of an array file does not fit its shape',
    text: 'The header claims more or fewer elements than the file holds. The claim is checked before anything is allocated. The file was cut, or its header is wrong.',
  },
  {
    code: 'D0123',
    title: 'The header of an npy array is malformed',
    text: "It must be a Python dictionary with 'descr', 'fortran_order' and 'shape', as numpy.save writes it.",
  },
  {
    code: 'D0124',
    title: 'A zip file is damaged',
    text: 'Its directory, a size or a checksum does not fit. Fetch or write the file again.',
  },
  {
    code: 'D0125',
    title: 'No such array in an npz file, or two of the same name',
    text: 'Members are named as in numpy.savez(file, x_train=...); the ending .npy may be left out.',
  },
  {
    code: 'D0126',
    title: 'A member of a zip file is encrypted or compressed in another way',
    text: 'Members may be stored or deflated, as numpy.savez and numpy.savez_compressed write them.',
  },
  {
    code: 'D0130',
    title: 'Text is not UTF-8',
    text: 'Texts read by chars and names in CSV files are UTF-8. Save the file as UTF-8, or read it by bytes, which takes any file.',
  },
  {
    code: 'D0131',
    title: 'A text is shorter than one row',
    text: 'A row of continuous text needs every token from the first to the last offset of all its columns.',
  },
  {
    code: 'D0132',
    title: 'A line of text is too long',
    text: 'Texts read by lines have lines of at most 1,048,576 characters. Read it as one text instead.',
  },
  {
    code: 'D0133',
    title: 'A character is not in the alphabet, or the alphabet has one twice',
    text: 'The alphabet of the job must hold every character of the text. Without one it is made of the characters of the text, by code point.',
  },
  {
    code: 'D0134',
    title: 'A text needs more tokens than the column has classes',
    text: 'Tokens are the characters of the alphabet and, by lines, the boundary token 0. Declare that many classes.',
  },
  {
    code: 'D0140',
    title: 'A value is not finite',
    text: 'NaN and infinity cannot enter a canonical graph. Fill in or leave out such rows before training.',
  },
  {
    code: 'D0141',
    title: 'A value is not an integer',
    text: 'Columns of type i32 and class hold integers. Declare f32 if fractions are meant.',
  },
  {
    code: 'D0142',
    title: 'A value is not one of the declared classes',
    text: 'class[n] takes the integers 0..n-1; class["a", "b"] takes exactly these words. Classes that count from 1 need one class more, or renumbering.',
  },
  {
    code: 'D0143',
    title: 'An integer does not fit 32 bits',
    text: 'i32 holds -2147483648..2147483647.',
  },
  {
    code: 'D0144',
    title: 'A number is too large for f32',
    text: 'The largest f32 is about 3.4e38. Rescale the column.',
  },
  {
    code: 'D0150',
    title: 'A column has another shape than its source',
    text: 'The number of values that the source gives a row must be the product of the declared shape; the shape itself may differ, as f32[784] for pictures of 28 x 28.',
  },
  {
    code: 'D0151',
    title: 'Columns of one data set have different numbers of rows',
    text: 'Row i of every column describes the same example. Images of the training set with labels of the test set are a common cause.',
  },
  {
    code: 'D0160',
    title: 'Prepared data cannot be written',
    text: 'The output folder is not writable or the disk is full. Nothing half-written is left under a final name.',
  },
  {
    code: 'D0170',
    title: 'A folder of images is not laid out by classes',
    text: 'gensyn data images takes a folder that has one folder for each class, two at least, with the pictures directly inside: photos/cat/1.png, photos/dog/1.png. The name of the folder is the name of the class. Hidden files do not count; files that are no pictures by their names are left out and listed.',
  },
  {
    code: 'D0171',
    title: 'A picture is of a kind that is not read',
    text: 'PNG, and JPEG of 8 bits, baseline or progressive, are read; what a file is, its first bytes say, not its name. Convert others to PNG.',
  },
  {
    code: 'D0172',
    title: 'A picture is damaged',
    text: 'It is empty or cut, a checksum or size in it does not fit, or its data expands beyond its size. Sizes are checked before anything is decoded.',
  },
  {
    code: 'D0173',
    title: 'Pictures of different sizes',
    text: 'All examples of a data set have one shape. Give --size 64x64 (width, then height); --fit says what becomes of pictures of another shape: crop cuts off what is too much, pad fills what is missing, stretch distorts.',
  },
  {
    code: 'D0174',
    title: 'A picture is too large',
    text: 'A file has at most 64 MiB and a picture 33,554,432 pixels (8192 x 4096), which bounds the memory that decoding takes, whatever a file claims. Make larger ones smaller first.',
  },
  {
    code: 'D0175',
    title: 'A link or device inside a folder of images',
    text: 'Links inside the folder are not followed, so that a folder from elsewhere cannot reach other files. `cp -rL` copies a folder with what its links point to. The folder itself may be a link.',
  },
  {
    code: 'D0176',
    title: 'Images cannot be written to a file of that name',
    text: 'The output ends in .npz or .npy. An .npz file holds less than 4 GiB; for more write .npy, which makes one file for the pictures and one for the labels.',
  },
];
