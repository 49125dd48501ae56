"""The desk: parse, call one service, print, exit."""
