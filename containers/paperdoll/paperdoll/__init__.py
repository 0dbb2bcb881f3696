"""Here lives a drawn world whose truth is known, its captions and data sets, and the small models trained on it.
May be imported: numpy, pillow, skia, tqdm; torch and diffusers only inside `paperdoll.train`.
Does not belong: anything of the worker (only the base model's folder format is shared), boto3, tuning methods."""
