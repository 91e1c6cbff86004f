// Three kinds of iris, told apart by four measurements.
param hidden = 16

data iris from "iris.csv" {
  size:    f32[4]   = columns "sepal_length", "sepal_width", "petal_length", "petal_width" - 3.5 / 2
  species: class[3] = column "species"
}

model flower(x: f32[n, 4]) -> f32[n, 3] {
  let h = tanh(linear(x, hidden))
  linear(h, 3)
}

train {
  model     = flower(iris.size)
  loss      = cross_entropy(model, iris.species)
  metrics   = accuracy(model, iris.species)
  optimizer = sgd(lr = cosine(0.05, warmup = 20), momentum = 0.9, nesterov = true)
  batch     = 10
  steps     = 400
  seed      = 1
  holdout   = 20%
}

verify { checkpoint every 50 steps; sample 25% }
