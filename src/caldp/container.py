"""The composition root: builds the pipeline that a profile asks for."""
