// Handwritten digits, 8x8 pixels (UCI): a small network that learns to read them.
param width = 128

data digits from "digits.csv.gz" {
  pixels: f32[64]   = columns 0..63 / 16
  label:  class[10] = column 64
}

model classifier(x: f32[n, 64]) -> f32[n, 10] {
  let h = relu(linear(x, width))
  let h = relu(linear(h, width))
  linear(h, 10)
}

train {
  model     = classifier(digits.pixels)
  loss      = cross_entropy(model, digits.label)
  metrics   = accuracy(model, digits.label)
  optimizer = adamw(lr = cosine(3e-3, warmup = 50), weight_decay = 0.01)
  batch     = 64
  steps     = 600
  seed      = 1
  holdout   = 20%
}

verify { checkpoint every 50 steps; sample 10% }
