<?php

/** Who may be believed: a certificate of an authority that is trusted, and for this host. */

declare(strict_types=1);

/** Write a certificate that vouches for itself and for one name, with its key, and return the file. */
$certified = static function (string $name): string {
    $file = (string) tempnam(sys_get_temp_dir(), 'offhook');
    file_put_contents($file, "[req]\ndistinguished_name = dn\n[dn]\n[v3]\nbasicConstraints = critical,CA:TRUE\nsubjectAltName = $name\n");
    // PHP asks for a length of every key, also of one whose curve says it.
    $settings = ['config' => $file, 'digest_alg' => 'sha256', 'x509_extensions' => 'v3', 'private_key_bits' => 2048];
    $key = openssl_pkey_new(['private_key_type' => OPENSSL_KEYTYPE_EC, 'curve_name' => 'prime256v1'] + $settings);
    $request = openssl_csr_new(['commonName' => 'offhook'], $key, $settings);
    openssl_x509_export(openssl_csr_sign($request, null, $key, 1, $settings), $certificate);
    openssl_pkey_export($key, $written, null, $settings);
    file_put_contents($file, $certificate . $written);
    return $file;
};

/** Visit a server with a certificate for this name, and return what the visitor says. */
$visited = static function (string $kind, string $name, bool $isTrusted) use ($certified): string {
    $file = $certified($name);
    $server = proc_open([PHP_BINARY, __DIR__ . '/../tls_server.php', $file], [1 => ['pipe', 'w']], $pipes);
    try {
        $url = 'https://127.0.0.1:' . trim((string) fgets($pipes[1]));
        $trust = $isTrusted ? ['-d', "openssl.cafile=$file", '-d', "curl.cainfo=$file"] : [];
        $visitor = proc_open([PHP_BINARY, ...$trust, __DIR__ . '/../tls_visitor.php', $kind, $url], [1 => ['pipe', 'w']], $said);
        $printed = (string) stream_get_contents($said[1]);
        proc_close($visitor);
        return $printed;
    } finally {
        proc_terminate($server);
        proc_close($server);
        unlink($file);
    }
};

$tests = [];
foreach (function_exists('curl_init') ? ['streams', 'curl'] : ['streams'] as $kind) {
    $tests["a certificate counts for its own host, and if it is trusted ($kind)"] = static function () use ($visited, $kind): void {
        same('Shop', $visited($kind, 'IP:127.0.0.1', true));
        same('tls-failed', $visited($kind, 'DNS:other.example', true));
        same('tls-failed', $visited($kind, 'IP:127.0.0.1', false));
    };
}
return $tests;
