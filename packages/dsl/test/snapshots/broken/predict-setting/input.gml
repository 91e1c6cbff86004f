data d from "d.csv" { x: f32[4] = columns 0..3 }

predict {
  model = mean(d.x)
  batch = 8
  steps = 10
}
