"""The local AWS: a pinned emulator, with patches for the differences from AWS that matter to this project.

There is one module per concern. Each says what AWS does, what the emulator does instead, and why that matters
here.
"""
