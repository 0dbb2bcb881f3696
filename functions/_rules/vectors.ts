/** A vector as rows keep it: float32, little-endian, base64. */
export function encodeVector(vector: Float32Array): string {
  const bytes = Buffer.alloc(vector.length * 4);
  vector.forEach((value, index) => void bytes.writeFloatLE(value, index * 4));
  return bytes.toString('base64');
}

export function decodeVector(text: string): Float32Array {
  const bytes = Buffer.from(text, 'base64');
  return Float32Array.from({ length: bytes.length / 4 }, (_, index) => bytes.readFloatLE(index * 4));
}

export function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  a.forEach((value, index) => {
    sum += value * (b[index] ?? 0);
  });
  return sum;
}

/** Cosine of the angle between two vectors. Clamped, since rounding may step just outside of [-1, 1]. */
export function cosine(a: Float32Array, b: Float32Array): number {
  const value = dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
  return Math.max(-1, Math.min(1, value));
}

/** The mean direction of some unit vectors, itself of unit length. */
export function meanDirection(vectors: readonly [Float32Array, ...Float32Array[]]): Float32Array {
  const mean = new Float32Array(vectors[0].length);
  for (const vector of vectors) {
    vector.forEach((value, index) => {
      mean[index] = (mean[index] ?? 0) + value;
    });
  }
  const length = Math.sqrt(dot(mean, mean)) || 1;
  return mean.map((value) => value / length);
}
