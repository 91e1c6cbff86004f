fn block(h) {
  linear(h, 10, bias = 3)
}
