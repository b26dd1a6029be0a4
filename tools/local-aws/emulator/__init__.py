"""The local AWS: the pinned emulator with the differences from AWS that matter to this project patched away.

One module per concern. Each says what AWS does, what the emulator does instead, and why that matters here.
"""
