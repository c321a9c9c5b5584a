"""The warehouse file: one writer, append-only versions, and the ledger of what was loaded."""
