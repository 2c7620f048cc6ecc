/* Signatures of what malware does, for any file of a skill. A rule's meta says how grave it is and why. */

rule eicar {
    meta:
        severity = "critical"
        why = "is the test file that every antivirus knows"
    strings:
        $a = "X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR"
    condition:
        $a
}

rule web_shell {
    meta:
        severity = "critical"
        why = "runs what a request sends it (a web shell)"
    strings:
        $php = /(eval|assert|system|passthru|shell_exec)\s*\(\s*(base64_decode\s*\(\s*)?\$_(GET|POST|REQUEST|COOKIE)/ nocase
        $asp = /eval\s+request\s*\(/ nocase
        $jsp = /Runtime\.getRuntime\(\)\.exec\(\s*request\.getParameter/
    condition:
        any of them and filesize < 300KB and not uint32be(0) == 0x2d2d2d0a
}

rule stealer {
    meta:
        severity = "critical"
        why = "names the places where browsers, wallets and chat programs keep secrets, several at once (a stealer)"
    strings:
        $chrome = /Google[\\\/]+Chrome[\\\/]+User Data|Application Support\/Google\/Chrome/
        $login = "Login Data"
        $brave = "Brave-Browser"
        $firefox = "key4.db"
        $logins = "logins.json"
        $exodus = /Exodus[\\\/]+exodus\.wallet/ nocase
        $electrum = /Electrum[\\\/]+wallets/ nocase
        $metamask = "nkbihfbeogaeaoehlefnkodbefgpgknn"
        $phantom = "bfnaelmomeimhlpmgjnjophhpkkoljpa"
        $discord = /discord[\\\/]+Local Storage[\\\/]+leveldb/ nocase
        $telegram = /Telegram Desktop[\\\/]+tdata/ nocase
        $keychain = "login.keychain-db"
        $osascript = /display dialog .{0,120}(password|hidden answer)/ nocase
    condition:
        3 of them
}

rule miner {
    meta:
        severity = "critical"
        why = "mines coins"
    strings:
        $pool = /stratum\+(tcp|ssl):\/\/[\w.-]+:\d+/
        $xmrig = /\bxmrig\b.{0,80}(-o|--url|--donate-level)/ nocase
        $wallet = /\b4[0-9AB][1-9A-HJ-NP-Za-km-z]{93}\b/
    condition:
        $pool or $xmrig or ($wallet and filesize < 200KB)
}

rule password_prompt {
    meta:
        severity = "high"
        why = "asks for the user's password in a window of its own"
    strings:
        $osascript = /osascript.{0,200}display dialog.{0,200}(hidden answer|password)/ nocase
        $credui = "CredUIPromptForCredentials"
        $getcred = /Get-Credential.{0,120}(Invoke-WebRequest|Invoke-RestMethod|irm|iwr)/ nocase
    condition:
        any of them
}

rule ransom {
    meta:
        severity = "critical"
        why = "encrypts files and asks for money"
    strings:
        $note = /your (files|data|documents) (have been|are|were) (encrypted|locked)/ nocase
        $pay = /\b(bitcoin|btc|monero|xmr)\b/ nocase
        $crypt = /\b(Fernet|AES\.new|RSA\.encrypt|cryptography\.|openssl enc|CryptoJS)\b/
        $walk = /os\.walk|rglob|readdirSync|Get-ChildItem|find \//
    condition:
        ($note and $pay and ($crypt or $walk)) or ($note and $crypt and $walk)
}

rule encoded_program {
    meta:
        severity = "critical"
        why = "carries a program in base64"
    strings:
        $pe = /TVqQAAMAAAAEAAAA[A-Za-z0-9+\/]{60}/
        $elf = /f0VMRg[A-Za-z0-9+\/]{80}/
        $macho = /z\/rt\/gcAAA[A-Za-z0-9+\/]{60}/
        $script = /(IyEvYmluL2Jhc2|IyEvYmluL3No|IyEvdXNyL2Jpbi9lbnY)[A-Za-z0-9+\/]{20}/
        $bash_c = /L2Jpbi9iYXNoIC1j[A-Za-z0-9+\/]{12}/
        $curl = /(Y3VybCAt|Y3VybCBodHRw|d2dldCBodHRw|d2dldCAt)[A-Za-z0-9+\/]{12}/
        $python = /(aW1wb3J0IG9z|aW1wb3J0IHNvY2tld|aW1wb3J0IHN1YnByb2Nlc3)[A-Za-z0-9+\/]{12}/
        $powershell = /(SQBFAFgA|aQBlAHgA|cG93ZXJzaGVsbC)[A-Za-z0-9+\/]{12}/
    condition:
        any of them
}

rule keylogger {
    meta:
        severity = "high"
        why = "records keys or the screen and talks to a server"
    strings:
        $keys = /pynput\.keyboard|keyboard\.on_press|GetAsyncKeyState|SetWindowsHookEx|CGEventTapCreate/
        $screen = /ImageGrab\.grab|pyautogui\.screenshot|screencapture -x/
        $clip = /pyperclip\.paste|pbpaste|Get-Clipboard/
        $send = /requests\.post|urlopen\(|httpx\.post|smtplib|fetch\(|sendMessage|sendDocument|curl -/
    condition:
        $send and ($keys or ($screen and $clip))
}

rule exfiltration_by_dns {
    meta:
        severity = "high"
        why = "puts data into the names it looks up"
    strings:
        $python = /(gethostbyname|resolver\.resolve|getaddrinfo)\s*\(\s*f?["'][^"'\n]{0,40}\{/
        $shell = /\b(nslookup|dig|host)\s+["']?[^\s"'\n]*(\$\(|`|\$\{?[A-Za-z_]+\}?)[^\s"'\n]*\.[a-z][\w.-]+/
        $encode = /b64encode|b32encode|hexlify|\.hex\(\)|base64|xxd|hexdump/
        $command = /\b(popen|system|run|call|check_output|getoutput|Popen)\s*\(\s*f?["'](host|nslookup|dig|ping)\s/
    condition:
        ($python or $shell or $command) and $encode
}

/* Languages that no scanner of the panel parses: Go, Rust, Ruby, PHP, Perl, Lua, Java, C#, Swift. */
rule credentials_sent_by_compiled_code {
    meta:
        severity = "high"
        why = "names credentials of this machine's user, in a program that sends data out"
    strings:
        $place1 = /["'`\/](~?\/)?\.(ssh["'`\/]|aws\/credentials|netrc|npmrc|pypirc|git-credentials|kube\/config|docker\/config\.json|gnupg|claude\/\.credentials|codex\/auth|cargo\/credentials|config\/gcloud|config\/gh)/
        $place2 = /["'\/](id_rsa|id_ed25519|key4\.db|wallet\.dat|Login Data)["']|["'][\w*\/]*\.(jks|keystore|kdbx|p12|pfx)["']/
        $go = /\bhttp\.(Post|PostForm|NewRequest(WithContext)?)\(/
        $ruby = /\b(Net::HTTP|HTTParty|Faraday|RestClient)\b[^\n]{0,40}\b(post|put|Post|Put|start)\b/
        $rust = /\b(reqwest|ureq|hyper)::|Command::new\("(curl|wget|nc)"\)/
        $php = /CURLOPT_POSTFIELDS|stream_context_create\(|file_get_contents\(\s*['"]https?:/
        $nushell = /\bhttp post\b/
        $perl = /\b(LWP::UserAgent|HTTP::Tiny|IO::Socket)/
        $lua = /require\s*\(?["'](socket\.http|ltn12)["']/
        $java = /HttpRequest\.newBuilder|HttpURLConnection|PostAsync\(|UploadString\(|URLSession\.shared/
    condition:
        any of ($place*) and any of ($go, $ruby, $rust, $php, $perl, $lua, $java, $nushell) and filesize < 300KB and not uint32be(0) == 0x2d2d2d0a
}

/* The same languages: a connection that becomes the input and output of a shell. */
rule reverse_shell_in_other_languages {
    meta:
        severity = "critical"
        why = "hands a shell of this machine to a connection"
    strings:
        $perl = /open\s*\(\s*STD(IN|OUT)\s*,\s*["']>&/
        $perl_connect = /\bconnect\s*\(/
        $ruby = /\bTCPSocket\.(new|open)\b/
        $ruby_shell = /\b(IO\.popen|exec|spawn|Open3)\b/
        $php = /\bfsockopen\s*\(/
        $php_shell = /\b(proc_open|shell_exec|exec|popen)\s*\(/
        $go = /\bnet\.Dial\s*\(/
        $go_shell = /\bexec\.Command\s*\(/
        $shell = /["'\/](\/bin\/)?(ba|z|da)?sh(\s+-i)?["']|cmd\.exe|powershell/
    condition:
        $shell and (($perl and $perl_connect) or ($ruby and $ruby_shell) or ($php and $php_shell) or ($go and $go_shell))
        and filesize < 300KB and not uint32be(0) == 0x2d2d2d0a
}

/* The same languages: the whole environment, in a program that sends data out. */
rule environment_sent_by_compiled_code {
    meta:
        severity = "high"
        why = "takes the whole environment, keys and all, in a program that sends data out"
    strings:
        $go = /\bos\.Environ\(\)/
        $go_send = /\bhttp\.(Post|PostForm|NewRequest(WithContext)?)\(/
        $ruby = /\bENV\.(to_h|to_a|each|map|inspect)\b/
        $ruby_send = /\b(Net::HTTP|HTTParty|Faraday|RestClient|TCPSocket|open-uri)\b/
        $rust = /\benv::vars(_os)?\(\)/
        $rust_send = /\b(reqwest|ureq|hyper)::|TcpStream::connect/
        $php = /\bgetenv\(\s*\)|json_encode\(\s*\$_(ENV|SERVER)/
        $php_send = /CURLOPT_POSTFIELDS|stream_context_create|file_get_contents\(\s*['"]https?:/
        $perl = /\b(keys|each|map)\b[^\n]{0,40}%ENV|\\%ENV/
        $perl_send = /\b(LWP::|HTTP::Tiny|IO::Socket)/
        $java = /\bSystem\.getenv\(\s*\)|Environment\.GetEnvironmentVariables\(|ProcessInfo\.processInfo\.environment\b/
        $java_send = /HttpRequest\.newBuilder|HttpURLConnection|PostAsync\(|UploadString\(|URLSession\.shared/
    condition:
        (($go and $go_send) or ($ruby and $ruby_send) or ($rust and $rust_send) or ($php and $php_send) or ($perl and $perl_send)
        or ($java and $java_send)) and filesize < 300KB and not uint32be(0) == 0x2d2d2d0a
}

/* The same languages: what a server sends is run, as code or as a program. */
rule downloaded_and_run_by_compiled_code {
    meta:
        severity = "high"
        why = "runs what a server sends"
    strings:
        $ruby = /\b(eval|instance_eval|class_eval|load)\b[^\n]{0,30}\b(URI\.open|open\(\s*['"]https?:|Net::HTTP\.get)/
        $ruby_fetch = /=\s*(URI\.open|Net::HTTP\.get|HTTParty\.get|Faraday\.get)/
        $ruby_run = /^\s*(eval|instance_eval|class_eval)[\s(]+[a-z_]\w*(\.(body|read))?\s*\)?\s*$/
        $perl_fetch = /\b(get\(\s*['"]https?:|LWP::UserAgent|HTTP::Tiny)/
        $perl_run = /\beval\s*\(?\s*\$\w+/
        $php_fetch = /\b(file_get_contents|curl_exec|fopen)\s*\(\s*(['"]https?:|\$)/
        $php_run = /\b(eval|assert|create_function)\s*\([^\n]{0,20}\$\w+/
        $php_web = /https?:\/\//
        $lua_fetch = /\bhttp\.request\s*[({]|\bio\.popen\(["']curl/
        $lua_run = /\b(load|loadstring)\s*\(\s*[a-z_]\w*\s*[,)]/
        $go_fetch = /\bhttp\.Get\(\s*["'`]https?:/
        $go_run = /\bexec\.Command\(/
        $go_mode = /\b(os\.Chmod|0?o?7[0-7]{2}\b|WriteFile)/
        $rust_fetch = /\b(reqwest|ureq)::(blocking::)?get\(|Command::new\("(curl|wget)"\)/
        $rust_run = /\bCommand::new\(/
        $rust_mode = /set_permissions|from_mode\(0o7/
        $java_load = /\bURLClassLoader\b[^\n]{0,80}https?:|\bdefineClass\(/
        $cs_load = /\bAssembly\.Load\(/
        $cs_fetch = /\b(DownloadData|GetByteArrayAsync)\(/
    condition:
        ($ruby or ($ruby_fetch and $ruby_run) or ($perl_fetch and $perl_run) or ($php_fetch and $php_run and $php_web)
        or ($lua_fetch and $lua_run) or ($go_fetch and $go_run and $go_mode) or ($rust_fetch and $rust_run and $rust_mode)
        or $java_load or ($cs_load and $cs_fetch)) and filesize < 300KB and not uint32be(0) == 0x2d2d2d0a
}

/* The same languages: text that nobody can read is run as code. */
rule decoded_and_run_by_compiled_code {
    meta:
        severity = "critical"
        why = "runs code that is decoded from what nobody can read"
    strings:
        $lua_decode = /\b(base64\.decode|decode_base64|unhexlify|mime\.unb64)\s*\(/
        $lua_run = /\b(loadstring|load)\b(\s+or\s+\w+\s*\))?\s*\(/
        $lua = /\blocal\s+\w+\s*=|\bfunction\s+\w+[.:]\w+\(/
        $ruby = /\b(eval|instance_eval|class_eval)\b[\s(]+[^\n]{0,40}(Base64\.\w*decode64|unpack1?\(["']m)/
        $perl = /\beval\b[\s(]*[^\n]{0,30}(decode_base64|pack\s*\(?\s*["']H\*|unpack\s*\(?\s*["']u)/
        $php = /\b(eval|assert)\s*\(\s*[^\n]{0,20}(base64_decode|gzinflate|str_rot13|gzuncompress|hex2bin)\s*\(/
        $sql = /\bPROGRAM\s+%L[^\n]{0,60}decode\s*\(/
    condition:
        ($ruby or $perl or $php or $sql or ($lua and $lua_decode and $lua_run)) and filesize < 300KB
        and not uint32be(0) == 0x2d2d2d0a
}

/* Pages of a server: who knows a word becomes an administrator. */
rule administrator_made_by_request {
    meta:
        severity = "critical"
        why = "makes an administrator of whoever sends the right request"
    strings:
        $request = /\$_(POST|GET|REQUEST|COOKIE)\[/
        $role = /set_role\(\s*['"]administrator|['"]role['"]\s*=>\s*['"]administrator/
        $guard = /\b(md5|sha1|hash)\s*\([^\n]{0,40}(!==?|===?)\s*['"][0-9a-f]{32,}/
    condition:
        $request and $role and $guard and filesize < 300KB
}

/* Reports and pages that are made for others carry a program of somebody else. */
rule script_put_into_pages {
    meta:
        severity = "high"
        why = "puts a program from another server into each page that it makes"
    strings:
        $put = /replace\(\s*["']<\/(body|head)>["'][^\n]{0,20}<script\s+src=/
    condition:
        $put and filesize < 300KB
}

/* A socket becomes the input and output of a shell, in names that are looked up as the program runs. */
rule hidden_reverse_shell {
    meta:
        severity = "critical"
        why = "hands a shell of this machine to a connection, in names that are looked up as it runs"
    strings:
        $load = /import_module\(\s*[a-z_]|__import__\(\s*[a-z_]|getattr\(\s*[a-z_]\w*\s*,\s*[A-Za-z_]\w*[\[\])]/
        $socket = /["']socket["']/
        $copy = /["'](dup2|pty)["']/
        $shell = /["']\/bin\/(ba|z|da)?sh["']/
    condition:
        all of them and filesize < 300KB
}

/* What runs code is reached by a name that is made as the program runs. */
rule hidden_runner {
    meta:
        severity = "high"
        why = "reaches what runs code by a name that nobody can read"
    strings:
        $table = /\bvars\(\s*(__import__\(\s*["']builtins["']\s*\)|builtins|__builtins__)\s*\)/
        $picked = /\bgetattr\(\s*(__import__\(\s*["']builtins["']\s*\)|builtins|__builtins__)\s*,\s*[^"'\s]/
    condition:
        any of them and filesize < 300KB and not uint32be(0) == 0x2d2d2d0a
}
