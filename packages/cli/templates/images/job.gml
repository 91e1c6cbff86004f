// Pictures in the IDX format of MNIST: 8x8 grey levels. To use your own, change the two files and the sizes.
param images = "images-idx3-ubyte.gz"
param labels = "labels-idx1-ubyte.gz"
param hidden = 128

data pictures {
  image: f32[8, 8] = whole from images / 16
  label: class[10] = whole from labels
}

model classifier(x: f32[n, 8, 8]) -> f32[n, 10] {
  let h = relu(linear(flatten(x), hidden))
  linear(h, 10)
}

train {
  model     = classifier(pictures.image)
  loss      = cross_entropy(model, pictures.label)
  metrics   = accuracy(model, pictures.label)
  optimizer = adam(lr = cosine(3e-3, warmup = 50))
  batch     = 64
  steps     = 400
  seed      = 1
  holdout   = 20%
}

verify { checkpoint every 50 steps; sample 10% }
