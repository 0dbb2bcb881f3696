import { readEnvironment } from './env.ts';
import { live, once } from './live.ts';
import { createOnnxEncoder } from './onnx-encoder.ts';
import { createOnnxReader } from './onnx-reader.ts';
import { createOnnxUpscaler } from './onnx-upscaler.ts';
import type { Log, Ports } from './ports.ts';
import { createSharpPictures } from './sharp-pictures.ts';

const pictures = once(createSharpPictures);
const encoder = once(() => createOnnxEncoder(readEnvironment('encoderFolder')));
const readFigures = once(() => {
  const folder = readEnvironment('readerFolder');
  return folder === undefined ? undefined : createOnnxReader(folder);
});
const enlargePicture = once(() => {
  const folder = readEnvironment('upscalerFolder');
  return folder === undefined ? undefined : createOnnxUpscaler(folder);
});

/** The real ports of a function that looks at pictures. Apart from `live`, so that the others need no native modules. */
export const liveWithPictures = (log: Log): Ports =>
  Object.defineProperties(live(log), {
    pictures: { get: pictures },
    encoder: { get: encoder },
    readFigures: { get: readFigures },
    enlargePicture: { get: enlargePicture },
  }) as Ports;
