// Residual blocks from a file of layers, with every setting written out.
import "layers.gml"

param file = "iris.csv"
param depth = 3

data iris from file {
  header    = true
  separator = ","
  size:    f32[4]                                     = (columns 0..3 - 3) / 2.5
  species: class["setosa", "versicolor", "virginica"] = column "species"
}

model classifier(x: f32[n, 4]) -> f32[n, 3] {
  let h = tower(x, depth = depth, width = max(16, 2 * 12))
  repeat 2 as i {
    let scaled = h * (0.5 + i / 10)
    h = h - scaled
  }
  linear(-h / sqrt(4), 3)
}

train {
  model     = classifier(iris.size)
  loss      = cross_entropy(model, iris.species) + 0.1 * mse(model, model * 0)
  metrics   = [accuracy(model, iris.species), mse(model, one_hot(iris.species, 3))]
  optimizer = sgd(lr = linear(0.1, warmup = 5), momentum = 0.9, nesterov = true)
  batch     = 32
  steps     = 200
  seed      = 3
  holdout   = 20%
  precision = 3
  clip      = 1.0
}

verify { checkpoint every 20 steps; sample 25% }
market { reward 10..40 GEN; deadline 30m }
