import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { InferenceSession } from 'onnxruntime-node';
import type { z } from 'zod';

/** A net, and what its card says of it. */
export interface Net<Card> {
  card: Card;
  session: InferenceSession;
}

/** The net `name` of a folder, by ONNX Runtime on one thread of the CPU. Loaded when it is first needed, then kept. */
export function openNet<C extends z.ZodType>(
  folder: string,
  name: string,
  contract: C,
): () => Promise<Net<z.infer<C>>> {
  // Relative to the bundle: a function need not have been started in it.
  const path = resolve(process.env.LAMBDA_TASK_ROOT ?? '.', folder);
  let loading: Promise<Net<z.infer<C>>> | undefined;
  const load = async () => {
    const card = contract.parse(JSON.parse(await readFile(`${path}/${name}.json`, 'utf8')));
    const session = await InferenceSession.create(`${path}/${name}.onnx`, {
      intraOpNumThreads: 1,
      interOpNumThreads: 1,
    });
    return { card, session };
  };
  return () => {
    loading ??= load();
    return loading;
  };
}
