// Handwritten digits, 8x8 pixels: four replicas learn from a quarter of the images each, and are averaged now and then.
param width = 128

data digits from "../digits/digits.csv.gz" {
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
  optimizer = adamw(lr = cosine(5e-3, warmup = 40), weight_decay = 0.01)
  batch     = 32
  steps     = 300
  seed      = 1
  holdout   = 20%
}

shards 4 sync every 20

verify { checkpoint every 10 steps; sample 10% }
market { reward 20..40 GEN; deadline 1h }
