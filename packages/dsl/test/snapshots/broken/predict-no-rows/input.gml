data d from "d.csv" { x: f32[4] = columns 0..3 }

predict {
  model = mse(d.x, d.x)
  batch = 8
}
