"""How text is generated: backends, the model catalogue and the model host."""
