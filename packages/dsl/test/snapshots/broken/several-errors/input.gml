param width = 32

data digits from "digits.csv" {
  pixels: f32[64]   = columns 0..63 / 16
  label:  class = column 64
}

model classifier(x: f32[n, 64]) -> f32[n, 11] {
  let h = rellu(linear(x, 32))
  linear(h, 10)
}

train {
  model     = classifier(digits.pixels)
  loss      = cross_entropy(model, digits.label)
  optimizer = sgd(rate = 0.1)
  batch     = 64
  steps     = 100
}

market { reward 40..10 GEN; deadline 2h }
