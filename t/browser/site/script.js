self.ran = 'script';
