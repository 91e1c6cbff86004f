model classifier(x: f32[n, 64]) -> f32[n, 10] {
  let h = relu(linear(x, 32))
  linear(h, 10)
}
