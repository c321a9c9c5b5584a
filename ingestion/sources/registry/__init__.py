"""The registry of labelled wallets: the project's list and the operator's, in versions, each label with its dates."""
