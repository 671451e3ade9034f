"""The language of requests: tokens, a small grammar, and the phrases of each refactoring."""
