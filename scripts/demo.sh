dev_demo() { :; }
