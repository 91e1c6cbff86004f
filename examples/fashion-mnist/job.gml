// Clothes, 28x28 grey levels (Fashion-MNIST): one hidden layer.
param hidden = 128
// Looked for beside this file, then where Debian's package puts them; or: --set images=... --set labels=...
param images = "train-images-idx3-ubyte.gz"
param labels = "train-labels-idx1-ubyte.gz"

data clothes {
  image: f32[784]  = whole from images / 255
  label: class[10] = whole from labels
}

model classifier(x: f32[n, 784]) -> f32[n, 10] {
  let h = relu(linear(x, hidden))
  linear(h, 10)
}

train {
  model     = classifier(clothes.image)
  loss      = cross_entropy(model, clothes.label)
  metrics   = accuracy(model, clothes.label)
  optimizer = adam(lr = cosine(1e-3, warmup = 100))
  batch     = 64
  steps     = 3000
  seed      = 1
  holdout   = 10%
}

verify { checkpoint every 250 steps; sample 10% }
