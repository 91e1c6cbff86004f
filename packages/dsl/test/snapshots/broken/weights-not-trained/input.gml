data digits from "digits.csv" {
  pixels: f32[64]   = columns 0..63 / 16
  label:  class[10] = column 64
}

model classifier(x: f32[n, 64]) -> f32[n, 10] {
  let h = relu(linear(x, 32))
  linear(h, 10)
}

model other(x: f32[n, 64]) {
  linear(x, 10)
}

train {
  model     = classifier(digits.pixels)
  loss      = cross_entropy(other(digits.pixels), digits.label)
  optimizer = sgd(lr = 0.1)
  batch     = 64
  steps     = 100
}
