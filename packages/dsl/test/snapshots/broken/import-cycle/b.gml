import "a.gml"
let b = 2
