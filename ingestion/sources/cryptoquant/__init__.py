"""CryptoQuant: exchange flows of ERC-20 tokens, per exchange; needs a key of a paid plan."""
