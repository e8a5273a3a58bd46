<?php

/** Finds the classes of this package where Composer is not used: `require 'autoload.php';`. */

declare(strict_types=1);

spl_autoload_register(static function (string $class): void {
    if (str_starts_with($class, 'Offhook\\')) {
        $file = __DIR__ . '/src/' . str_replace('\\', '/', substr($class, strlen('Offhook\\'))) . '.php';
        if (is_file($file)) {
            require $file;
        }
    }
});
