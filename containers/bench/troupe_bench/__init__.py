"""Here lives what is measured of Troupe: benches, the claims they make, the rows those claims come from, the instruments.
May be imported: the worker, paperdoll, onnxruntime.
Does not belong: anything that an image ships; neither the worker nor paperdoll knows of this package."""
