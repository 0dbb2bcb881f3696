"""Here live the trainings of paperdoll's models: VAE, text encoder, base model, identity encoder; and their export.
May be imported: torch, diffusers, transformers, onnx, and the rest of paperdoll.
Does not belong: anything of the worker, drawing, any file format but safetensors, JSON and ONNX (nothing is pickled)."""
