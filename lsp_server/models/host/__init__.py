"""The model host: a process that runs llama.cpp, and the near end that finds, starts and watches it."""
