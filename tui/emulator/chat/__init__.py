"""A brain elsewhere: any server that streams chat completions as OpenAI's does."""
