// Clothes, 28x28 grey levels (Fashion-MNIST): two convolutions.
param channels = 16
param hidden = 128
param rows = 64
param length = 5000
param interval = 250
// Looked for beside this file, then where Debian's package puts them; or: --set images=... --set labels=...
param images = "train-images-idx3-ubyte.gz"
param labels = "train-labels-idx1-ubyte.gz"

data clothes {
  image: f32[1, 28, 28] = whole from images / 255
  label: class[10]      = whole from labels
}

model classifier(x: f32[n, 1, 28, 28]) -> f32[n, 10] {
  let h = max_pool(relu(conv2d(x, channels, 3, padding = 1)), 2)
  let h = max_pool(relu(conv2d(h, 2 * channels, 3, padding = 1)), 2)
  let h = relu(linear(flatten(h), hidden))
  linear(h, 10)
}

train {
  model     = classifier(clothes.image)
  loss      = cross_entropy(model, clothes.label)
  metrics   = accuracy(model, clothes.label)
  optimizer = adam(lr = cosine(1e-3, warmup = 100))
  batch     = rows
  steps     = length
  seed      = 1
  holdout   = 10%
}

verify { checkpoint every interval steps; sample 10% }
