"""The model host: the one process that loads llama.cpp, and the near end that talks to it."""
