// The network that job.gml starts from: eight small filters, trained until it reads most of the digits.
data digits from "../digits/digits.csv.gz" {
  pixels: f32[64]   = columns 0..63 / 16
  label:  class[10] = column 64
}

model net(x: f32[n, 64]) -> f32[n, 10] {
  let h = relu(conv2d(reshape(x, 1, 8, 8), 8, kernel = 3))
  let h = max_pool(h, 2)
  linear(flatten(h), 10)
}

train {
  model     = net(digits.pixels)
  loss      = cross_entropy(model, digits.label)
  metrics   = accuracy(model, digits.label)
  optimizer = adam(lr = 5e-3)
  batch     = 32
  steps     = 60
  seed      = 1
  holdout   = 20%
}

verify { checkpoint every 60 steps }
