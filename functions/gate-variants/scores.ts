import type { Sha256, VariantScores } from '../../lib/contracts/index.ts';
import { cosine, meanDirection } from '../_rules/index.ts';
import { StoreCorruptError } from '../_shared/errors.ts';

export interface GalleryPicture {
  sha256: Sha256;
  vector: Float32Array;
}

/** The references of one subject. */
export interface Gallery {
  subject: string;
  references: [GalleryPicture, ...GalleryPicture[]];
  /** Their mean direction: made once, since every picture is compared with every subject. */
  centre: Float32Array;
}

export function makeGallery(subject: string, references: Gallery['references']): Gallery {
  const [first, ...rest] = references;
  return { subject, references, centre: meanDirection([first.vector, ...rest.map(({ vector }) => vector)]) };
}

/** Compare a picture’s vector with its subject’s references, and with every other subject’s. Ranks count from 1. */
export function scoreVariant(
  vector: Float32Array,
  subject: string,
  galleries: readonly Gallery[],
): Omit<VariantScores, 'encoder'> {
  const own = galleries.find((gallery) => gallery.subject === subject);
  if (!own) throw new StoreCorruptError(`${subject} has no reference that this encoder has seen`);
  const similarity = cosine(own.centre, vector);
  const closer = galleries.filter(
    (gallery) => gallery.subject !== subject && cosine(gallery.centre, vector) > similarity,
  );
  const nearest = own.references
    .map((reference) => ({ sha256: reference.sha256, similarity: cosine(reference.vector, vector) }))
    .reduce((best, one) => (one.similarity > best.similarity ? one : best));
  return {
    ...{ similarity, rank: closer.length + 1, ofSubjects: galleries.length },
    ...{ nearestReference: nearest.sha256, nearestSimilarity: nearest.similarity },
  };
}
