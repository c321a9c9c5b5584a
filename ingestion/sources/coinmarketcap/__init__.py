"""CoinMarketCap's website API: the history of the total cap. Off unless enabled: its terms forbid storing."""
