// Columns with files of their own, as MNIST comes.
data mnist {
  pixels: f32[784]  = "train-images-idx3-ubyte.gz" / 255
  label:  class[10] = "train-labels-idx1-ubyte.gz"
}

data arrays from "arrays.npz" {
  x: f32[2, 3] = member "x_train" * 2 + 1
  y: f32[1]    = whole from "y.npy"
}

model net(x: f32[n, 784]) -> f32[n, 10] {
  linear(leaky_relu(linear(x, 128), 0.01), 10)
}

train {
  model     = net(mnist.pixels)
  loss      = cross_entropy(model, mnist.label)
  optimizer = lion(lr = 1e-4)
  batch     = 64
  steps     = 1_000
}
