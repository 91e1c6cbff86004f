fn block(h) {
  linear(h 10)
}
