import { Tensor } from 'onnxruntime-node';
import { UpscalerCard } from '../../lib/contracts/index.ts';
import { openNet } from './onnx-net.ts';
import { openPixels, pixelsOf, planesOf } from './pixels.ts';
import type { EnlargePicture } from './ports.ts';

/** The upscaler of a folder. A picture is taken whole, so whoever calls bounds its size. */
export function createOnnxUpscaler(folder: string): EnlargePicture {
  const ready = openNet(folder, 'upscaler', UpscalerCard);
  return async (png) => {
    const { card, session } = await ready();
    const { data, info } = await openPixels(await pixelsOf(png))
      .removeAlpha()
      .toColourspace('srgb')
      .raw()
      .toBuffer({ resolveWithObject: true });
    const pixels = new Tensor('float32', planesOf(data), [1, 3, info.height, info.width]);
    const { enlarged } = await session.run({ pixels }, ['enlarged']);
    const [width, height] = [card.factor * info.width, card.factor * info.height];
    if (enlarged?.dims.join() !== [1, 3, height, width].join()) {
      throw new Error(`the upscaler gave ${enlarged?.dims} of ${pixels.dims}; its card says ${card.factor} times`);
    }
    const rgb = bytesOf(enlarged.data as Float32Array);
    return openPixels({ data: rgb, info: { width, height, channels: 3 } })
      .png({ compressionLevel: 6 })
      .toBuffer();
  };
}

/** What a net gives, (3, H, W), as bytes, pixel by pixel. It may leave 0..1 beside an edge: what is out of range is cut off. */
function bytesOf(planes: Float32Array): Buffer {
  const area = planes.length / 3;
  const rgb = new Uint8ClampedArray(planes.length);
  for (let pixel = 0; pixel < area; pixel += 1) {
    for (let channel = 0; channel < 3; channel += 1) {
      rgb[pixel * 3 + channel] = (planes[channel * area + pixel] ?? 0) * 255;
    }
  }
  return Buffer.from(rgb.buffer);
}
