"""Twenty tasks as a good model would carry them out, and the trees that they must end in.

The whole core runs: SDK, tools, checks, review, checkpoint, ledger. Then the same again, with
something going wrong before each step.
"""
