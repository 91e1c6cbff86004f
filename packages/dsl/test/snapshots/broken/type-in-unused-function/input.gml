fn idle(x: f64[n, 3]) { relu(x) }

data digits from "digits.csv" {
  pixels: f32[64]   = columns 0..63 / 16
  label:  class[10] = column 64
}

model classifier(x: f32[n, 64]) -> f32[n, 10] {
  let h = relu(linear(x, 32))
  linear(h, 10)
}

train {
  model     = classifier(digits.pixels)
  loss      = cross_entropy(model, digits.label)
  optimizer = sgd(lr = 0.1)
  batch     = 64
  steps     = 100
}
