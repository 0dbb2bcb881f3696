"""Here lives what looks at pictures of the world: the nets of reader, oracle and encoder, their training, their export.
May be imported: torch, onnx, the drawing and the training loop of paperdoll.
Does not belong: anything of the worker, the base model's training, thresholds of the product."""
